import { ArgumentError, readArguments } from './arguments';

describe('the arguments of standalone', () => {
  it('serves when there are none', () => {
    expect(readArguments([])).toEqual({ demo: false, exit: false, scale: null, help: false });
  });

  it('reads those of the demo', () => {
    expect(readArguments(['--demo', '--exit', '--scale', '0.5'])).toEqual({
      demo: true,
      exit: true,
      scale: 0.5,
      help: false,
    });
  });

  it.each([[['--exti']], [['--exit']], [['--demo', '--scale', 'big']], [['--demo', '--scale', '0']], [['refresh']]])(
    'refuses %j',
    (argv) => {
      expect(() => readArguments(argv)).toThrow(ArgumentError);
    },
  );
});
