import { Controller, SetMetadata, UseFilters, UseGuards, applyDecorators, type CustomDecorator } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Role } from '../control/tokens';
import { ProblemFilter } from './problem.filter';
import { TokenGuard } from './token.guard';

export const ROLE = 'freshet.role';

/** The role a route asks for. A route without one is not reachable at all. */
export const Needs = (role: Role): CustomDecorator => SetMetadata(ROLE, role);

/** A controller of the control API: tokens, and errors as `ProblemBody`. */
export const ApiController = (path: string, tag: string): ClassDecorator =>
  applyDecorators(
    Controller(`api/v1/${path}`),
    ApiTags(tag),
    ApiBearerAuth(),
    UseGuards(TokenGuard),
    UseFilters(ProblemFilter),
  );
