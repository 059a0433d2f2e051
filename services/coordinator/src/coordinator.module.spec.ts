import { CoordinatorModule } from './coordinator.module';
import { parseApiTokens } from './control/tokens';
import { DEFAULT_SETTINGS } from './settings';

describe('the module of the coordinator', () => {
  it('is not made without tokens, unless everything runs on one machine', () => {
    expect(() => CoordinatorModule.register({ settings: DEFAULT_SETTINGS })).toThrow('FRESHET_API_TOKENS');
    expect(() => CoordinatorModule.register({ settings: { ...DEFAULT_SETTINGS, standalone: true } })).not.toThrow();
    const tokens = parseApiTokens('ops:operator:0123456789abcdef');
    expect(() => CoordinatorModule.register({ settings: { ...DEFAULT_SETTINGS, tokens } })).not.toThrow();
  });
});
