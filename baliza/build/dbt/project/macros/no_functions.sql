{% macro no_functions() %}
-- What the models share lies in no schema of theirs: nothing of it stays in the user's file.
DROP MACRO IF EXISTS code;
DROP MACRO IF EXISTS clean;
DROP MACRO IF EXISTS only_nines;
DROP MACRO IF EXISTS grown;
DROP MACRO IF EXISTS verdict_of;
DROP MACRO IF EXISTS total;
DROP MACRO IF EXISTS share_of;
{% endmacro %}
