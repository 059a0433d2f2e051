import { canonicalLayout, compileDateLayout, isoDateTime, type CivilTime } from './date-layout';

const blank = (): CivilTime => ({ year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 });

function read(layout: string, text: string): string | null {
  const time = blank();
  const outcome = compileDateLayout(layout).parse(text, time);
  return outcome === 0 ? null : `${isoDateTime(time)}${outcome === 2 ? '' : ' inexact'}`;
}

describe('date layouts', () => {
  it.each([
    ['M/D/YYYY', '6/6/2015', '2015-06-06 00:00:00'],
    ['M/D/YYYY', '12/31/1947', '1947-12-31 00:00:00'],
    ['M/D/YYYY', '06/06/2015', '2015-06-06 00:00:00 inexact'],
    ['M/D/YYYY', '2/29/2024', '2024-02-29 00:00:00'],
    ['M/D/YYYY', '2/29/2000', '2000-02-29 00:00:00'],
    ['M/D/YYYY', '2/29/1900', null],
    ['M/D/YYYY', '2/30/2024', null],
    ['M/D/YYYY', '13/1/2024', null],
    ['M/D/YYYY', '0/1/2024', null],
    ['M/D/YYYY', '4/31/2024', null],
    ['M/D/YYYY', '1/1/0000', null],
    ['M/D/YYYY', '1/1/24', null],
    ['M/D/YYYY', '1/1/20245', null],
    ['M/D/YYYY', ' 1/1/2024', null],
    ['M/D/YYYY', '1/1/2024 1:00:00 AM', null],
    ['M/D/YYYY h:mm:ss A', '5/14/2019 11:23:03 AM', '2019-05-14 11:23:03'],
    ['M/D/YYYY h:mm:ss A', '5/14/2019 12:00:00 AM', '2019-05-14 00:00:00'],
    ['M/D/YYYY h:mm:ss A', '5/14/2019 12:01:00 PM', '2019-05-14 12:01:00'],
    ['M/D/YYYY h:mm:ss A', '3/9/2024 11:59:00 PM', '2024-03-09 23:59:00'],
    ['M/D/YYYY h:mm:ss A', '3/9/2024 11:59:00 pm', '2024-03-09 23:59:00 inexact'],
    ['M/D/YYYY h:mm:ss A', '3/9/2024 03:59:00 PM', '2024-03-09 15:59:00 inexact'],
    ['M/D/YYYY h:mm:ss A', '3/9/2024 0:59:00 PM', null],
    ['M/D/YYYY h:mm:ss A', '3/9/2024 13:59:00 PM', null],
    ['M/D/YYYY h:mm:ss A', '3/9/2024 1:60:00 PM', null],
    ['M/D/YYYY h:mm:ss A', '3/9/2024 1:59:60 PM', null],
    ['M/D/YYYY h:mm:ss A', '3/9/2024 1:59:00', null],
    ['YYYY-MM-DD HH:mm', '2024-03-09 23:59', '2024-03-09 23:59:00'],
    ['YYYY-MM-DD', '2024-3-9', null],
    ['YYYY-MM-DDTHH', '2022-07-10T00', '2022-07-10 00:00:00'],
    ['YYYY-MM-DDTHH', '2024-02-29T23', '2024-02-29 23:00:00'],
    ['YYYY-MM-DDTHH', '2022-07-10T24', null],
    ['YYYY-MM-DDTHH', '2022-07-10T7', null],
    ['YYYY-MM-DDTHH', '2022-07-10t07', null],
    ['YYYY-MM-DDTHH', '2022-07-10 07', null],
    ['YYYY-MM-DDTHH', '2022-07-10T07:00', null],
    ['YYYY-MM-DDTHH', '2022-07-10', null],
  ])('%s reads %s as %s', (layout, text, expected) => expect(read(layout, text)).toBe(expected));

  it('render what they read exactly', () => {
    const layout = compileDateLayout('M/D/YYYY h:mm:ss A');
    for (const text of ['1/2/0900 12:00:00 AM', '12/31/9999 11:59:59 PM', '10/1/2024 12:34:56 PM']) {
      const time = blank();
      expect(layout.parse(text, time)).toBe(2);
      expect(layout.render(time)).toBe(text);
    }
  });

  it('render the hours of ISO 8601', () => {
    const layout = compileDateLayout('YYYY-MM-DDTHH');
    expect([layout.hasTime, layout.render({ ...blank(), year: 2022, month: 7, day: 1, hour: 4 })]).toEqual([
      true,
      '2022-07-01T04',
    ]);
  });

  it.each([
    ['dd/mm/yyyy', 'is no part of a layout'],
    ['M/D', 'needs YYYY'],
    ['M/D/YYYY h:mm', 'belong together'],
    ['M/D/YYYY mm', 'needs hours'],
    ['M/D/YYYY HH:ss', 'minutes before seconds'],
    ['M/M/YYYY', 'twice'],
  ])('refuse the layout %s', (layout, message) => expect(() => compileDateLayout(layout)).toThrow(message));

  it('leave the time out at midnight where there is a layout without one', () => {
    const both = ['M/D/YYYY h:mm:ss A', 'M/D/YYYY'].map(compileDateLayout);
    expect(canonicalLayout(both, true).layout).toBe('M/D/YYYY');
    expect(canonicalLayout(both, false).layout).toBe('M/D/YYYY h:mm:ss A');
    expect(canonicalLayout(both.slice(0, 1), true).hasTime).toBe(true);
  });
});
