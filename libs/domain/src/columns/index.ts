export * from './pandas-column';
export * from './pandas-number';
export * from './summarizer';
export * from './summary';
