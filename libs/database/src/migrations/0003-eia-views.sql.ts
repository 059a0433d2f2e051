/**
 * Views for the common questions about EIA-930. Every row says whether it is of an aggregate: a sum over other respondents, which added to
 * them counts twice.
 */
export const eiaViews = /* sql */ `
CREATE SCHEMA IF NOT EXISTS eia;

-- The newest hour of each respondent that has a value. Newest hours are ragged: they differ between respondents.
CREATE VIEW eia.latest_demand AS
SELECT s.respondent, s.aggregate, o.starts_at, o.ends_at, o.value, s.unit, o.quality, o.corrected_starts_at, o.first_seen
FROM freshet.series s
CROSS JOIN LATERAL (
  SELECT * FROM freshet.observation x WHERE x.series_id = s.id AND x.value IS NOT NULL ORDER BY x.starts_at DESC LIMIT 1
) o
WHERE s.dataset = 'eia.demand' AND s.kind = 'demand';

-- One row a respondent, hour and fuel; a fuel that the publisher has no value for has a null.
CREATE VIEW eia.fuel_mix_hourly AS
SELECT s.respondent, s.aggregate, o.starts_at, o.ends_at, s.codes ->> 'fueltype' AS fuel, o.value, s.unit, o.quality, o.corrected_starts_at
FROM freshet.series s
JOIN freshet.observation o ON o.series_id = s.id
WHERE s.dataset = 'eia.fuel-mix';

-- Sum over a respondent's neighbours, positive for outflow. Where "missing" is not 0 the sum lacks that many neighbours, and a neighbour
-- without a row for the hour is in neither count. Flows to aggregates are a row of their own.
CREATE VIEW eia.net_interchange AS
SELECT s.respondent, s.aggregate, o.starts_at, o.ends_at, sum(o.value) AS value, s.unit,
       count(o.value) AS neighbours, count(*) - count(o.value) AS missing,
       CASE WHEN bool_or(o.quality = 'missing') THEN 'missing' WHEN bool_or(o.quality = 'suspect') THEN 'suspect' WHEN bool_or(o.quality = 'estimated') THEN 'estimated' ELSE 'good' END AS quality
FROM freshet.series s
JOIN freshet.observation o ON o.series_id = s.id
WHERE s.dataset = 'eia.interchange'
GROUP BY s.respondent, s.aggregate, s.unit, o.starts_at, o.ends_at;
`;
