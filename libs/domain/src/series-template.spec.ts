import { fillTemplate, templateColumns } from './series-template';

it('finds the columns of a template, and fills them in as they are', () => {
  expect(templateColumns('{fromba}-{toba}.interchange')).toEqual(['fromba', 'toba']);
  expect(templateColumns('fuel')).toEqual([]);
  // What is filled in is neither a pattern nor a template.
  expect(fillTemplate('{a}.x.{b}', (column) => (column === 'a' ? '$1' : '{a}'))).toBe('$1.x.{a}');
});
