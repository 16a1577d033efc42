import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Jobs } from '../jobs.js';
import type { Metrics } from '../metrics.js';
import type { ServedDefaults } from '../planning-settings.js';
import type { UploadChecks } from '../uploads.js';
import { errorHandler } from './errors.js';
import { guard, type GuardRules } from './guard.js';
import { fileRoutes, jobRoutes } from './job-routes.js';
import { SMALL_BYTES } from './reading.js';
import { zeusRoutes } from './zeus-routes.js';

/** The parts of a server that its routes need. */
export interface AppParts {
  readonly jobs: Jobs;
  readonly defaults: ServedDefaults;
  readonly metrics: Metrics;
  readonly checks: UploadChecks;
  readonly rules: GuardRules;
  readonly version: string;
  /** Reports a problem of the server to who runs it. */
  readonly warn: (sentence: string) => void;
}

/** Limits on connections and requests. */
const LIMITS = {
  /** Time in which the headers of a request must have come, and its body. */
  headersMs: 15_000,
  lookMs: 1000,
  requestMs: 120_000,
  keepAliveMs: 75_000,
  headerBytes: 16 << 10,
  /** Each rank of a large job has one. */
  connections: 16_384,
  /** Of one address, from which a thousand ranks may ask; expensive routes have lower ones. */
  requestsPer10s: 200_000,
  idCharacters: 1024,
} as const;

/** The server's routes; it does not listen yet. */
export async function controlApp(parts: AppParts): Promise<FastifyInstance> {
  const { jobs, defaults, metrics } = parts;
  const app = fastify({
    logger: false,
    bodyLimit: SMALL_BYTES,
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    forceCloseConnections: 'idle',
    http: {
      headersTimeout: LIMITS.headersMs,
      maxHeaderSize: LIMITS.headerBytes,
      connectionsCheckingInterval: LIMITS.lookMs,
    },
    routerOptions: { maxParamLength: LIMITS.idCharacters },
    frameworkErrors: (error, request, reply) => {
      void errorHandler(parts.warn)(error, request, reply);
    },
  });
  app.server.maxConnections = LIMITS.connections;
  // Handlers read requests themselves, so that all problems have the same form.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.setErrorHandler(errorHandler(parts.warn));
  const check = guard(parts.rules);
  app.addHook('onRequest', (request, _, done) => {
    check(request);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  await limitRates(app);
  await addDocs(app, parts.version);
  app.setNotFoundHandler((_, reply) =>
    reply.code(404).send({ detail: 'there is nothing at this address; /docs lists what there is' }),
  );
  await app.register((texts, _, done) => {
    texts.removeAllContentTypeParsers();
    texts.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    fileRoutes(texts, jobs, parts.checks);
    done();
  });
  await app.register((json, _, done) => {
    // As Zeus' server does, whatever the content type says.
    const parse = json.getDefaultJsonParser('error', 'error');
    json.removeAllContentTypeParsers();
    json.addContentTypeParser('*', { parseAs: 'string' }, parse);
    zeusRoutes(json, jobs);
    jobRoutes(json, jobs, defaults);
    operationRoutes(json, metrics);
    done();
  });
  return app;
}

/** Refuses requests of an address that sends too many. */
async function limitRates(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, {
    max: LIMITS.requestsPer10s,
    timeWindow: 10_000,
    cache: 10_000,
    errorResponseBuilder: (_, { after }) =>
      Object.assign(new Error(`too many requests; send this one again in ${after}`), {
        statusCode: 429,
      }),
  });
}

function operationRoutes(app: FastifyInstance, metrics: Metrics): void {
  const tags = ['Operation'];
  app.get('/healthz', { schema: { tags, summary: 'Whether the server runs' } }, () => ({
    status: 'ok',
  }));
  app.get(
    '/metrics',
    { schema: { tags, summary: 'Figures for Prometheus', produces: ['text/plain'] } },
    async (_, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

async function addDocs(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'pipewatt',
        description: 'Clocks for the ranks of a training job, as Zeus asks for them, and more.',
        version,
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{}, { token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { tryItOutEnabled: false } });
}
