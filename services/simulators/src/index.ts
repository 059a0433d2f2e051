export { startSimulators, type Simulators } from './simulators';
