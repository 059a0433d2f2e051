import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { TOPICS, decodeMessage, loadCommandedSchema, type LoadCommanded } from '@freshet/contracts';
import type { Logger } from '@freshet/domain';
import { Consumes, type InboundMessage } from '@freshet/messaging';
import { failSpan, inSpan, LOGGER } from '@freshet/runtime';
import { countCommand } from '../metrics';
import { PeakReports } from '../peak-reports';
import { Commands } from './commands';

interface Handled {
  readonly outcome: string;
  /** Of the failure, when one was recorded. */
  readonly code?: string;
}

/**
 * Commands of the coordinator, one at a time per dataset. Delivery: acknowledged after the outcome is stored; a redelivered command
 * finds what was decided (`publish`, `export`) or does the same again (`discard`,
 * `retain`, `check`).
 */
@Controller()
export class CommandsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(PeakReports) private readonly peaks: PeakReports,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Consumes(TOPICS.loadCommanded, { group: 'loader' })
  async onCommand(@Payload() message: InboundMessage): Promise<void> {
    const { meta: command } = decodeMessage(loadCommandedSchema, message.value);
    const { dataset, runId } = command;
    const { outcome, ...facts } = await inSpan(command.type, { dataset, runId }, async (span) => {
      const done = await this.handle(command, message.signal);
      span.setAttribute('freshet.outcome', done.outcome);
      if (done.outcome === 'refused' || done.outcome === 'failed') failSpan(span, done.code ?? done.outcome);
      return done;
    });
    countCommand(command.dataset, command.type, outcome);
    if (command.runId !== null) this.peaks.report(command.runId, 'always');
    this.logger.info({ dataset: command.dataset, runId: command.runId, outcome, ...facts }, `${command.type} handled`);
  }

  private handle(command: LoadCommanded, signal: AbortSignal): Promise<Handled> {
    switch (command.type) {
      case 'publish':
        return this.commands.publish(command.dataset, command.runId);
      case 'export':
        return this.commands.export(command.dataset, command.runId, signal);
      case 'discard':
        return this.commands.discard(command.runId);
      case 'retain':
        return this.commands.retain(command.dataset);
      case 'check':
        return this.commands.check(command.dataset, command);
    }
  }
}
