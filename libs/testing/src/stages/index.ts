export { TestStage, type StageOptions } from './stage';
