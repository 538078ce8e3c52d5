import { z } from 'zod';
import { ProblemError } from '../problem.ts';
import { TEMPORAL_PATH } from '../temporal-ui/routes.ts';
import type { UiSessions } from '../temporal-ui/sessions.ts';
import { route, type ApiRoute } from './route.ts';
import { instant } from './schemas.ts';

/** `POST /v1/temporal/sign-ins`: a link that lets one browser read payloads in Temporal's UI. */
export function temporalSignInRoutes(sessions: UiSessions, ui: string | undefined): ApiRoute[] {
  return [
    route(
      {
        method: 'POST',
        path: `${TEMPORAL_PATH}/sign-ins`,
        tag: 'Temporal',
        summary: "A link that lets one browser read payloads in Temporal's UI, for twelve hours",
        description: 'The link works once and within five minutes, on the host that people reach the API by.',
        body: z
          .strictObject({
            workflowId: z.string().min(1).max(1_000).optional().meta({ description: 'The workflow to show' }),
          })
          .optional(),
        answers: {
          201: {
            description: 'The link, to be opened in the browser',
            schema: z.object({ path: z.string(), expiresAt: instant }),
          },
          409: { description: "Nobody said where Temporal's UI is" },
        },
      },
      ({ body }) => {
        if (ui === undefined) {
          throw new ProblemError(
            409,
            'no-temporal-ui',
            "Where Temporal's UI is, is not known; set TESSERA_TEMPORAL_UI to its address and start again.",
          );
        }
        const { code, expiresAt } = sessions.invite(body?.workflowId);
        return Promise.resolve({
          status: 201,
          body: { path: `${TEMPORAL_PATH}/sign-in/${code}`, expiresAt },
        });
      },
    ),
  ];
}
