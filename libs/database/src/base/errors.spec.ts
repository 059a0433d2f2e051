import { FreshetError } from '@freshet/domain';
import { isUnavailable, toDependencyError } from './errors';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('errors of the database', () => {
  it.each([
    withCode('ECONNREFUSED'),
    withCode('ECONNRESET'),
    withCode('57P01'),
    withCode('57P02'),
    withCode('57P03'),
    withCode('08006'),
    withCode('53300'),
    withCode('25006'),
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('timeout exceeded when trying to connect'),
    withCode('55000', 'lost connection to parallel worker'),
    new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]),
  ])('take %p for a server that does not answer', (error) => {
    expect(toDependencyError(error)).toMatchObject({ code: 'dependency_unavailable', kind: 'transient', cause: error });
  });

  it.each([
    withCode('23505'),
    withCode('22P02'),
    withCode('55P03'),
    withCode('40001'),
    withCode('57014'),
    withCode('55000', 'something else'),
    new Error('no'),
    'text',
    null,
  ])('leave %p as it is', (error) => {
    expect(isUnavailable(error)).toBe(false);
    expect(toDependencyError(error)).toBe(error);
  });

  it('pass a failure of ours through', () => {
    const failure = new FreshetError('fenced', { message: 'm', nextStep: 'n' });
    expect(toDependencyError(failure)).toBe(failure);
  });
});
