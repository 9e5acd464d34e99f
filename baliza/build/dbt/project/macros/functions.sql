{% macro functions() %}
CREATE OR REPLACE MACRO code(t) AS nullif(trim(t, e' \t\n\r\x0b\x0c'), '');
CREATE OR REPLACE MACRO clean(t) AS nullif(
    CASE WHEN regexp_matches(t, '^ | $|  |[\x00-\x1f]|&[A-Za-z#]|[\x{7f}-\x{a0}\x{ad}\x{61c}\x{1680}\x{180e}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}\x{3000}\x{feff}]')
        THEN trim(
            regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
                translate(t, chr(128) || chr(133) || chr(145) || chr(146) || chr(147) || chr(148) || chr(149) || chr(150) || chr(151) || chr(153), '€…''''""•–—™'),
                '[\x00-\x08\x0e-\x1f\x{7f}-\x{9f}\x{ad}\x{61c}\x{180e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{feff}]', '', 'g'),
                '(?i)&(amp;)+', '&', 'g'), '(?i)&lt;', '<', 'g'), '(?i)&gt;', '>', 'g'), '(?i)&quot;', '"', 'g'),
                '(?i)&(apos|#0*39);', '''', 'g'), '(?i)&nbsp;', ' ', 'g'),
                '[\s\x0b\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]+', ' ', 'g'),
            e' \t\n\r\x0b\x0c')
        ELSE t END, '');
CREATE OR REPLACE MACRO only_nines(amount) AS
    regexp_matches(replace(regexp_replace(amount::VARCHAR, '\.?0*$', ''), '.', ''), '^9{6,}$');
CREATE OR REPLACE MACRO grown(initial, amount, times) AS coalesce(initial > 0 AND amount >= initial * times, false);
CREATE OR REPLACE MACRO verdict_of(judged, initial, amount) AS CASE
    WHEN judged IS NULL THEN 'ok'
    WHEN judged < 0 OR judged >= 10000000000 OR only_nines(judged) OR grown(initial, amount, 100) THEN 'suspect'
    WHEN judged = 0 OR judged >= 1000000000 OR grown(initial, amount, 10) THEN 'review'
    ELSE 'ok' END;
CREATE OR REPLACE MACRO total(amount) AS coalesce(amount, 0)::DECIMAL(38, 4);
CREATE OR REPLACE MACRO share_of(part, whole) AS
    (part::DOUBLE / nullif(whole, 0)::DOUBLE * 100)::DECIMAL(15, 12)::DECIMAL(24, 4);
{% endmacro %}
