{{ config(
    meta={"description": "Of 10,000 texts each of five buckets gets 2,000, give or take 200."}
) }}

with

texts as (

    select cast(unnest(range(10000)) as varchar) as digits

),

bucketed as (

    select {{ hash_bucket('digits', 5) }} as bucket
    from texts

),

wanted as (

    select unnest(range(5)) as bucket

)

select
    wanted.bucket,
    count(bucketed.bucket) as text_count

from wanted
left outer join bucketed on wanted.bucket = bucketed.bucket
group by wanted.bucket
having count(bucketed.bucket) not between 1800 and 2200
