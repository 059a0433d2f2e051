import { DEFAULT_MAX_MESSAGE_BYTES } from '@freshet/contracts';

export interface FetcherOptions {
  /** Downloads at the same time in this process. */
  readonly maxDownloads: number;
  /** A chunk is closed by the record with which it reaches this size. */
  readonly chunkBytes: number;
  /** Chunks of one download that are being published at the same time. */
  readonly maxChunksInFlight: number;
  /** Largest message the transport takes, frame included. */
  readonly maxMessageBytes: number;
  /** Whether a task may name a file on this process's disk: in one process with the coordinator, never over the network. */
  readonly localFiles: boolean;
  /** Values of the credentials that definitions name, by their variable. */
  readonly secrets: ReadonlyMap<string, string>;
}

export const DEFAULT_OPTIONS: FetcherOptions = {
  maxDownloads: 2,
  chunkBytes: 512 * 1024,
  maxChunksInFlight: 4,
  maxMessageBytes: DEFAULT_MAX_MESSAGE_BYTES,
  localFiles: true,
  secrets: new Map(),
};
