import { applyDecorators } from '@nestjs/common';
import { ApiQuery, ApiResponse } from '@nestjs/swagger';
import { LIMITS } from '../../control/timeseries/requests';
import { Answers } from '../openapi';
import { FORMAT_NAMES, TABLE_FORMATS } from '../tables/formats';
import { NEXT_CURSOR } from '../tables/send';
import type { AnswerName } from '../view-schemas';

export const TextParameter = (name: string, description: string, required = false): MethodDecorator =>
  ApiQuery({ name, required, description, schema: { type: 'string' } });

export const InstantParameter = (name: string, description: string, required = false): MethodDecorator =>
  TextParameter(name, `${description}. RFC 3339 with its zone, or a date (UTC)`, required);

export const DatasetParameter = TextParameter('dataset', 'Id of a dataset');

export const PageParameters = applyDecorators(
  ApiQuery({
    name: 'limit',
    required: false,
    description: `Rows of a page: ${LIMITS.json.fallback} of JSON when absent and ${LIMITS.json.max} at most; ${LIMITS.file.max} of the other formats`,
    schema: { type: 'integer', minimum: 1, maximum: LIMITS.file.max },
  }),
  TextParameter('cursor', '`next` of the page before; the other parameters stay as they are'),
  ApiQuery({
    name: 'format',
    required: false,
    description: 'Instead of `Accept`, for browsers',
    schema: { type: 'string', enum: [...FORMAT_NAMES] },
  }),
);

/** A page as JSON, and as the formats for analysis. */
export const AnswersTable = (name: AnswerName, problems: readonly number[]): MethodDecorator =>
  applyDecorators(
    Answers(200, name, problems),
    ApiResponse({
      status: 200,
      description: name,
      headers: {
        Link: { description: 'rel="next": the next page, relative to the request', schema: { type: 'string' } },
        [NEXT_CURSOR]: { description: 'Cursor of the next page; absent at the end', schema: { type: 'string' } },
      },
      content: {
        'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
        ...Object.fromEntries(
          TABLE_FORMATS.map((format) => [
            format.mediaType,
            { schema: format.name === 'csv' ? { type: 'string' } : { type: 'string', format: 'binary' } },
          ]),
        ),
      },
    }),
  );
