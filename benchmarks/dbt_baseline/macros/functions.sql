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
{% endmacro %}
