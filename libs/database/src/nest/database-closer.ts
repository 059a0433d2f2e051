import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../base';

/** The `Database` of a service, migrated. */
export const DATABASE = Symbol.for('freshet.database');

/** Closes the pool of `DATABASE` after intake stopped and handlers drained; for the providers of `app.module.ts`. */
@Injectable()
export class DatabaseCloser implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  onApplicationShutdown(): Promise<void> {
    return this.database.close();
  }
}
