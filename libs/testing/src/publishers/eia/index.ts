export type { EiaDialect, Row as EiaRow } from './body';
export { USUAL_LAGS as EIA_USUAL_LAGS, type Lags as EiaLags } from './clock';
export {
  EIA_ANOMALIES,
  EIA_FAULTS,
  type EiaAnomaly,
  type EiaAnomalyKind,
  type EiaFault,
  type EiaFaultKind,
  type EiaGap,
  type EiaRevision,
  type EiaSelection,
} from './faults';
export type { EiaLimit, LimitViolation as EiaLimitViolation } from './limit';
export { EiaPublisher, startEiaPublisher, type EiaPublisherOptions } from './publisher';
export type { EiaRequest } from './request';
export { EIA_ROUTES, type EiaKind, type EiaRoute } from './routes';
