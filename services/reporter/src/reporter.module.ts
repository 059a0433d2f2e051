import { Module } from '@nestjs/common';
import { Alerter } from './alerting/alerter';
import { ChangeLog } from './changes/change-log';
import { NotificationDelivery } from './delivery/delivery';
import { LineageDelivery } from './openlineage/delivery';
import { RunEventsController } from './run-events.controller';
import { Watch } from './watch';

/**
 * The reporter without its adapters. Whoever imports it provides, globally: `DATABASE`, `SETTINGS` and `NOTIFIER` of this
 * package (and `LINEAGE_SINKS`, where runs are told to others), `CATALOG` of the catalog, `MESSAGING`, and `LOGGER`, `CLOCK` and `INSTANCE` of the runtime; and connects a `MessagingServer`.
 */
@Module({
  controllers: [RunEventsController],
  providers: [Alerter, ChangeLog, NotificationDelivery, LineageDelivery, Watch],
  exports: [Watch],
})
export class ReporterModule {}
