import {
  Controller,
  Get,
  Inject,
  Module,
  type DynamicModule,
  type InjectionToken,
  type Provider,
} from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, TerminusModule, type HealthCheckResult } from '@nestjs/terminus';

export interface HealthAnswer {
  readonly ok: boolean;
  readonly detail: string;
}

/**
 * One thing a service depends on. Liveness checks look at memory only (does the loop still tick?) and never at a dependency:
 * restarting a process cures a hung loop, not a database. Readiness looks at both.
 */
export interface HealthCheck {
  readonly name: string;
  readonly kind: 'liveness' | 'readiness';
  check(): HealthAnswer | Promise<HealthAnswer>;
}

export const HEALTH_CHECKS = Symbol('freshet.health-checks');

@Controller('health')
export class HealthController {
  constructor(
    @Inject(HEALTH_CHECKS) private readonly checks: readonly HealthCheck[],
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  @Get('live')
  live(): Promise<HealthCheckResult> {
    return this.run(this.checks.filter((check) => check.kind === 'liveness'));
  }

  @Get('ready')
  ready(): Promise<HealthCheckResult> {
    return this.run(this.checks);
  }

  private run(checks: readonly HealthCheck[]): Promise<HealthCheckResult> {
    return this.health.check(
      checks.map((check) => async () => {
        const session = this.indicators.check(check.name);
        try {
          const answer = await check.check();
          return answer.ok ? session.up({ detail: answer.detail }) : session.down({ detail: answer.detail });
        } catch (error) {
          return session.down({ detail: error instanceof Error ? error.message : String(error) });
        }
      }),
    );
  }
}

/** `/health/live` and `/health/ready`, by `@nestjs/terminus`. */
@Module({})
export class HealthModule {
  static register(options: {
    imports?: DynamicModule['imports'];
    inject?: InjectionToken[];
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Nest hands over whatever `inject` names
    checks: (...injected: any[]) => readonly HealthCheck[];
  }): DynamicModule {
    const provider: Provider = { provide: HEALTH_CHECKS, useFactory: options.checks, inject: options.inject ?? [] };
    return {
      module: HealthModule,
      imports: [TerminusModule.forRoot({ logger: false, errorLogStyle: 'json' }), ...(options.imports ?? [])],
      controllers: [HealthController],
      providers: [provider],
    };
  }
}
