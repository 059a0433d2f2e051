import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Problem } from '../control/problem';
import { authenticate, demandRole, type Principal, type Role } from '../control/tokens';
import type { CoordinatorSettings } from '../settings';
import { SETTINGS } from '../tokens';
import { ROLE } from './api';

@Injectable()
export class TokenGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const needed = this.reflector.get<Role | undefined>(ROLE, context.getHandler());
    if (!needed)
      throw new Problem('forbidden', {
        error: 'this route asks for no role, so nobody may use it',
        nextStep: 'Report it.',
      });
    const request = context.switchToHttp().getRequest<Request>();
    const principal = authenticate(this.settings.tokens, request.headers.authorization) ?? this.anonymous(request);
    if (!principal)
      throw new Problem('unauthenticated', {
        error: 'a bearer token is needed, and the one given is not known',
        nextStep: 'Send Authorization: Bearer <token>; the CLI takes it from FRESHET_TOKEN.',
      });
    demandRole(principal, needed);
    return true;
  }

  /**
   * Standalone without tokens is open to this machine, and to nobody else: not to the network, and not to a web page that sends
   * its visitor's browser here (which names another origin, or a host name that was made to point here).
   */
  private anonymous(request: Request): Principal | null {
    if (!this.settings.standalone || this.settings.tokens.length > 0) return null;
    const host = (request.headers.host ?? '').toLowerCase();
    const { origin } = request.headers;
    if (!isLoopback(request.socket.remoteAddress) || !/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host))
      return null;
    if (origin !== undefined && origin.toLowerCase() !== `http://${host}`) return null;
    return { name: 'anyone on this machine', role: 'operator' };
  }
}

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(address);
