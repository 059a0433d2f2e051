import { applyDecorators, type INestApplication } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiBody, ApiResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { failureSchema } from '@freshet/contracts';
import { z } from 'zod';
import { RequestFilter } from './problem.filter';
import { ANSWERS, type AnswerName } from './view-schemas';

type Schema = NonNullable<
  Parameters<typeof ApiBody>[0] extends infer Options ? (Options extends { schema: infer S } ? S : never) : never
>;

const jsonSchema = (schema: z.ZodType): Schema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest as Schema;
};

const REASONS: Readonly<Record<number, string>> = {
  400: 'The request has mistakes; details lists all of them',
  404: 'Not there',
  406: 'Accept names nothing this can be answered as',
  409: 'Not now',
};

/** The body that a route takes. */
export const Takes = (schema: z.ZodType): MethodDecorator => applyDecorators(ApiBody({ schema: jsonSchema(schema) }));

/** The answer of a route, and the problems it may have besides 401, 403, 500 and 503. */
export const Answers = (status: number, name: AnswerName, problems: readonly number[]): MethodDecorator =>
  applyDecorators(
    ApiResponse({ status, description: name, schema: reference(name) }),
    ...problems.map((code) =>
      ApiResponse({ status: code, description: REASONS[code] ?? 'Problem', schema: reference('Problem') }),
    ),
    ApiResponse({ status: 401, description: 'No token, or not one that is known', schema: reference('Problem') }),
    ApiResponse({ status: 403, description: 'The role of the token does not allow it', schema: reference('Problem') }),
    ApiResponse({ status: 503, description: 'The database does not answer', schema: reference('Problem') }),
  );

const reference = (name: AnswerName): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

/**
 * Serves OpenAPI 3.1 at `/api/docs` (for people) and `/api/docs-json`, and answers what no controller takes as the API answers
 * mistakes. Call it before the application listens.
 */
export function setupOpenApi(app: INestApplication): void {
  app.useGlobalFilters(new RequestFilter(app.get(HttpAdapterHost).httpAdapter));
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), { customSiteTitle: 'Freshet control API' });
}

/** The description of the control API. In standalone other services have routes as well; they are left out. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Freshet control API')
    .setDescription(
      'Start and watch refreshes, look at datasets, their versions and what was refused. Instants are RFC 3339 in UTC. Errors are a Problem.',
    )
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'A token of FRESHET_API_TOKENS; a reader may look, an operator may also act',
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/(Api)?Controller$/, '')}.${method}`,
  });
  return {
    ...document,
    paths: Object.fromEntries(Object.entries(document.paths).filter(([path]) => path.startsWith('/api/v1/'))),
    components: {
      ...document.components,
      schemas: { ...document.components?.schemas, ...answerSchemas() } as NonNullable<
        OpenAPIObject['components']
      >['schemas'],
    },
  };
}

/** Every answer once, the others refer to it. */
function answerSchemas(): object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...ANSWERS, Failure: failureSchema })) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'output',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _schema, $id: _id, ...schema }]) => [name, schema]),
  );
}
