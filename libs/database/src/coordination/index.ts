export * from './task-lock';
