import type { InjectionToken, Provider } from '@nestjs/common';
import { DEFAULT_MAX_MESSAGE_BYTES } from '@freshet/contracts';
import type { Logger } from '@freshet/domain';
import { MESSAGING, type Messaging } from '../port';
import { PipelineStage, type PipelineStageOptions } from './pipeline-stage';

/** What a stage is told by who puts the process together. */
export interface StageSettings {
  /** Largest message the transport takes, frame included. Default `DEFAULT_MAX_MESSAGE_BYTES`. */
  readonly maxMessageBytes?: number;
}

/** Binds `PipelineStage` for one stage; for its module. `tokens` are those of the runtime's logger and process. */
export const provideStage = (
  {
    maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES,
    ...own
  }: Pick<PipelineStageOptions, 'stage' | 'peakRssBytes'> & StageSettings,
  tokens: { readonly logger: InjectionToken; readonly process: InjectionToken },
): Provider => ({
  provide: PipelineStage,
  inject: [MESSAGING, tokens.logger, tokens.process],
  useFactory: (messaging: Messaging, logger: Logger, process: PipelineStageOptions['process']) =>
    new PipelineStage({ messaging, logger, process, maxMessageBytes, ...own }),
});
