import { personalIn } from './personal';

const column = (name: string, personal: boolean) =>
  ({ name, type: 'text', required: false, personal, checks: [] }) as const;

describe('what is masked', () => {
  const masked = personalIn({ columns: [column('ID', false), column('CONTACT_NAME', true)] });

  it.each([
    ['ID', false],
    ['CONTACT_NAME', true],
    ['contact_name', true],
    ['Contact Name', true],
    ['CONTACT', true],
    ['CONTACT_NAME.1', true],
  ])('of %s, beside a personal CONTACT_NAME: %s', (name, expected) => {
    expect(masked(name)).toBe(expected);
  });

  it('is nothing where no column is personal', () => {
    expect(personalIn({ columns: [column('ID', false)] })('NEW')).toBe(false);
  });
});
