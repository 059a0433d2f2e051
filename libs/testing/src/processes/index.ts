export {
  CLUSTER_SERVICES,
  startCluster,
  startStandaloneProcess,
  type ClusterOptions,
  type ClusterService,
  type DeploymentOptions,
  type RunningDeployment,
} from './cluster';
export { publishedContent, type ContentFigure } from './content';
export { observedContent, type ObservedContent } from './observed-content';
export {
  IMPATIENT,
  writeSimulatedDefinitions,
  type DefinitionChanges,
  type SimulatedSite,
  type SimulatedSource,
} from './definitions';
export { freePorts } from './free-port';
export { cpuSecondsOf, peakRssOf } from './usage';
export { SnapshotReader, type Observation, type ReaderOptions } from './snapshot-reader';
export { SupervisedProcess, type ProcessExit, type ProcessSpec } from './supervised-process';
export { ProcessSupervisor, type ServiceProcess } from './supervisor';
