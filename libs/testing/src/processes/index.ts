export {
  CLUSTER_SERVICES,
  startCluster,
  type ClusterOptions,
  type ClusterService,
  type RunningCluster,
} from './cluster';
export { IMPATIENT, writeSimulatedDefinitions, type DefinitionChanges, type SimulatedSite } from './definitions';
export { freePorts } from './free-port';
export { peakRssOf } from './memory';
export { SupervisedProcess, type ProcessExit, type ProcessSpec } from './supervised-process';
export { ProcessSupervisor, type ServiceProcess } from './supervisor';
