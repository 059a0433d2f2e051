/** Names made of columns in braces, such as `{respondent}.fuel.{fueltype}`: the `id` and `kind` of a time series. */
const PLACEHOLDER = /\{([^{}]+)\}/g;

/** The columns of a template, in order, as often as they stand there. */
export const templateColumns = (template: string): string[] =>
  [...template.matchAll(PLACEHOLDER)].map(([, column]) => column ?? '');

/** The template with each column replaced by its text. */
export const fillTemplate = (template: string, textOf: (column: string) => string): string =>
  template.replace(PLACEHOLDER, (_, column: string) => textOf(column));
