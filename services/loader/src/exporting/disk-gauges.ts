import { statfs } from 'node:fs/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { metrics, type BatchObservableResult, type ObservableGauge } from '@opentelemetry/api';
import { LOADER_SETTINGS, type LoaderSettings } from '../tokens';

/** Room on the file system of the exports; no values while the folder is not there, which it is from the first export on. */
@Injectable()
export class DiskGauges implements OnApplicationBootstrap, OnApplicationShutdown {
  private gauges: { readonly free: ObservableGauge; readonly size: ObservableGauge } | null = null;

  constructor(@Inject(LOADER_SETTINGS) private readonly settings: LoaderSettings) {}

  onApplicationBootstrap(): void {
    const meter = metrics.getMeter('@freshet/loader');
    this.gauges = {
      free: meter.createObservableGauge('freshet_loader_export_free_bytes', {
        description: 'Free bytes of the file system that exports are written to',
      }),
      size: meter.createObservableGauge('freshet_loader_export_size_bytes', {
        description: 'Size of that file system',
      }),
    };
    meter.addBatchObservableCallback(this.observe, Object.values(this.gauges));
  }

  onApplicationShutdown(): void {
    if (this.gauges)
      metrics.getMeter('@freshet/loader').removeBatchObservableCallback(this.observe, Object.values(this.gauges));
  }

  private readonly observe = async (result: BatchObservableResult): Promise<void> => {
    const found = await statfs(this.settings.exportRoot).catch(() => null);
    if (!found || !this.gauges) return;
    result.observe(this.gauges.free, found.bavail * found.bsize);
    result.observe(this.gauges.size, found.blocks * found.bsize);
  };
}
