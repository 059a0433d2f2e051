import type { FacetValue } from './codes';
import { ADDED_FUELS, ADDED_RESPONDENTS, nameOf, recordedFacet, SUB_AREAS, TYPES } from './codes';

export const EIA_ROUTES = ['region-data', 'fuel-type-data', 'interchange-data', 'region-sub-ba-data'] as const;
export type EiaRoute = (typeof EIA_ROUTES)[number];

/** Which publication clock a series follows. */
export type EiaKind = 'D' | 'DF' | 'NG' | 'TI' | 'fuel' | 'interchange' | 'sub-ba';

export interface RouteSpec {
  readonly route: EiaRoute;
  readonly name: string;
  readonly description: string;
  /** Row columns besides `period` and the value, in the publisher's order. */
  readonly columns: readonly string[];
  readonly facets: ReadonlyArray<{ readonly id: string; readonly description: string }>;
  readonly alias: string;
  values(facet: string): readonly FacetValue[];
}

const SOURCE = '  \n    Source: Form EIA-930\n    Product: Hourly Electric Grid Monitor';
const BA = 'Balancing Authority / Region';

/** The routes as EIA's own metadata describes them; the interchange route does say "Daily". */
export const ROUTES: Readonly<Record<EiaRoute, RouteSpec>> = {
  'region-data': {
    route: 'region-data',
    name: 'Hourly Demand, Demand Forecast, Generation, and Interchange',
    description: `Hourly demand, day-ahead demand forecast, net generation, and interchange by balancing authority.${SOURCE}`,
    columns: ['respondent', 'respondent-name', 'type', 'type-name'],
    facets: [
      { id: 'respondent', description: BA },
      { id: 'type', description: 'Type' },
    ],
    alias: 'Demand, Day-ahead demand forecast, Net generation, Total interchange',
    values: (facet) =>
      facet === 'type' ? TYPES : [...recordedFacet('region-data', 'respondent'), ...ADDED_RESPONDENTS],
  },
  'fuel-type-data': {
    route: 'fuel-type-data',
    name: 'Hourly Generation by Energy Source',
    description: `Hourly net generation by balancing authority and energy source.${SOURCE}`,
    columns: ['respondent', 'respondent-name', 'fueltype', 'type-name'],
    facets: [
      { id: 'respondent', description: BA },
      { id: 'fueltype', description: 'Energy Source' },
    ],
    alias: 'Net Generation',
    values: (facet) =>
      facet === 'fueltype'
        ? [...recordedFacet('fuel-type-data', 'fueltype'), ...ADDED_FUELS]
        : [...recordedFacet('fuel-type-data', 'respondent'), ...ADDED_RESPONDENTS],
  },
  'interchange-data': {
    route: 'interchange-data',
    name: 'Hourly Interchange by Neighboring BA',
    description: `Daily interchange between neighboring balancing authorities.${SOURCE}`,
    columns: ['fromba', 'fromba-name', 'toba', 'toba-name'],
    facets: [
      { id: 'fromba', description: BA },
      { id: 'toba', description: BA },
    ],
    alias: 'Interchange',
    values: (facet) => [...recordedFacet('interchange-data', facet), ...ADDED_RESPONDENTS],
  },
  'region-sub-ba-data': {
    route: 'region-sub-ba-data',
    name: 'Hourly Demand by Subregion',
    description: `Hourly demand by balancing authority subregion.${SOURCE}`,
    columns: ['subba', 'subba-name', 'parent', 'parent-name'],
    facets: [
      { id: 'subba', description: 'Subregion' },
      { id: 'parent', description: 'Balancing Authority' },
    ],
    alias: 'Demand',
    values: (facet) =>
      facet === 'parent'
        ? Object.keys(SUB_AREAS).map((id) => ({ id, name: nameOf(id) }))
        : Object.values(SUB_AREAS).flat(),
  },
};
