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
    [withCode('SELF_SIGNED_CERT_IN_CHAIN'), 'authority that is not trusted', 'sslrootcert'],
    [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'for another name', 'Name the host'],
    [new Error('The server does not support SSL connections'), 'does not offer TLS', 'ssl = on'],
    [withCode('28000', 'no pg_hba.conf entry for host "1.2.3.4", no encryption'), 'TLS only', 'verify-full'],
    [withCode('28P01', 'password authentication failed for user "u"'), 'user or the password', 'FRESHET_DATABASE_URL'],
    [withCode('3D000', 'database "x" does not exist'), 'no such database', 'Create the database'],
  ])('say of %p what to change', (error, message, nextStep) => {
    expect(toDependencyError(error)).toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringContaining(message),
      nextStep: expect.stringContaining(nextStep),
    });
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
