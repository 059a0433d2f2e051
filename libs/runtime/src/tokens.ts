/** Injection tokens that every service may ask for. */
export const LOGGER = Symbol('freshet.logger');
export const CLOCK = Symbol('freshet.clock');
/** `InstanceInfo`: who this process is. */
export const INSTANCE = Symbol('freshet.instance');

export interface InstanceInfo {
  readonly service: string;
  /** Unique among the processes of one service at one time. */
  readonly instance: string;
}
