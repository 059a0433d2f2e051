export { BatchValidator } from './batch-validator';
export { VALIDATOR_OPTIONS, type ValidatorOptions } from './options';
export { validateBatch, type ValidatedBatch } from './validate-batch';
export { ValidatorModule } from './validator.module';
