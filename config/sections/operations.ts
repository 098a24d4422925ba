// Settings of running the server: secrets, data folder, log, shutdown, the demo. No defaults elsewhere.
import { z } from 'zod';

export const authSection = z
  .strictObject({
    adminToken: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe(
        'Bearer token of the API; by default a random one, kept in the data folder and printed at start.',
      ),
    jwt: z
      .strictObject({
        secret: z
          .string()
          .min(1)
          .max(1024)
          .optional()
          .describe('HS256 secret of viewer tokens; by default a random one, kept in the data folder.'),
        jwksUrl: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe('JWKS of an identity provider whose tokens are accepted besides our own.'),
        issuer: z.string().max(512).optional().describe('Required `iss` of tokens checked against the JWKS.'),
        audience: z
          .string()
          .max(512)
          .optional()
          .describe('Required `aud` of tokens checked against the JWKS.'),
      })
      .prefault({})
      .describe('Viewer tokens (JWT).'),
  })
  .prefault({})
  .describe('Who may do what.');

export const dataSection = z
  .strictObject({
    dir: z.string().min(1).default('./data').describe('Folder of the database and the generated secrets.'),
  })
  .prefault({})
  .describe('What is kept on disk.');

export const logSection = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('Least important lines that are written. Lines are JSON on standard error.'),
  })
  .prefault({})
  .describe('Logging.');

export const shutdownSection = z
  .strictObject({
    drainMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(1000)
      .describe(
        'Time between /readyz turning 503 and viewers being sent away, ms, for load balancers to notice.',
      ),
    deadlineMs: z
      .int()
      .min(500)
      .max(600_000)
      .default(10_000)
      .describe('Time after which a shutdown that has not finished is forced, ms; it includes drainMs.'),
  })
  .prefault({})
  .describe('What SIGTERM and SIGINT do.');
