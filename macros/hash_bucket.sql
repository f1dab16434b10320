{#- A bucket from 0 to bucket_count - 1 by the MD5 of a text: evenly spread, always the same. -#}
{% macro hash_bucket(column, bucket_count) -%}
    cast(cast('0x' || left(md5({{ column }}), 8) as ubigint) % {{ bucket_count }} as integer)
{%- endmacro %}
