export { pageRequest, type PageRequest, type Stamps } from '@freshet/publisher';
