import { kubectlFlags, readFlags } from './flags';

const read = (line: string) => readFlags(line.split(' '));

describe('flags of kubectl freshet', () => {
  it('are taken out of the command line wherever they stand', () => {
    expect(read('--context prod refresh bsee.well -n data --wait --kubeconfig=/k --release blue')).toEqual({
      target: { release: 'blue', context: 'prod', namespace: 'data', kubeconfig: '/k' },
      rest: ['refresh', 'bsee.well', '--wait'],
    });
    expect(read('status').target).toEqual({ release: 'freshet' });
  });

  it('end at --', () => {
    expect(read('runs -- -n x').rest).toEqual(['runs', '--', '-n', 'x']);
  });

  it.each([
    ['status -n', '-n needs a value'],
    ['-n --wait', '-n needs a value'],
    ['--namespace= status', '--namespace needs a value'],
    ['-n a --namespace b', '--namespace was given twice: a and b'],
    ['status --url http://x', '--url and kubectl freshet exclude each other'],
    ['status --url=http://x', '--url and kubectl freshet exclude each other'],
  ])('refuses %s', (line, message) => expect(() => read(line)).toThrow(message));

  it('are passed on as kubectl takes them', () => {
    expect(kubectlFlags({ release: 'freshet', namespace: 'data' })).toEqual(['--namespace', 'data']);
  });
});
