import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { invalid } from '../control/problem';

/** Reads a body, a query or a parameter by a schema; all mistakes are answered together. */
export class ZodPipe<T> implements PipeTransform<unknown, T> {
  constructor(
    private readonly schema: z.ZodType<T>,
    private readonly name = '',
    private readonly whole = 'body',
  ) {}

  transform(value: unknown): T {
    return parse(this.schema, value, this.name, this.whole);
  }
}

/** @param whole what a mistake of no part in particular is about @throws Problem `invalid` naming every mistake. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, name = '', whole = 'body'): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map(
      (issue) => `${[name, ...issue.path].filter((part) => part !== '').join('.') || whole}: ${issue.message}`,
    ),
  );
}
