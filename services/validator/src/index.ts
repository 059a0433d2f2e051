export { BatchValidator } from './batch-validator';
export { validateBatch, type ValidatedBatch } from './validate-batch';
export { ValidatorModule } from './validator.module';
