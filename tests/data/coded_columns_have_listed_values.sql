-- Values of coded columns of persons and households that the YAML does not list.
select
    found.table_name,
    found.column_name,
    found.category,
    string_agg(distinct found.dataset_id, ', ' order by found.dataset_id) as dataset_ids

from {{ ref('val_vintage_category') }} as found
inner join {{ ref('dictionary') }} as listed
    on found.table_name = listed.table_name and found.column_name = listed.column_name
where
    found.category_count > 0
    and found.category is not null
    and not list_contains(string_split(listed.codes, ', '), found.category)
group by found.table_name, found.column_name, found.category
