/**
 * What `@segment/analytics-next` asks for before it sends: where to send, and that there is nothing else to load.
 * `apiHost` and `protocol` come back with every event, so that changing the CDN's address is all a page does.
 * Metrics of the SDK about itself would go to its maker; they are switched off.
 */
export function browserSettings(writeKey: string, host: string, protocol: string): object {
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost: `${host}/v1`,
        protocol,
        unbundledIntegrations: [],
        addBundledMetadata: true,
        maybeBundledConfigIds: {},
        versionSettings: { version: '4.4.7', componentTypes: ['browser'] },
      },
    },
    plan: {
      track: { __default: { enabled: true, integrations: {} } },
      identify: { __default: { enabled: true } },
      group: { __default: { enabled: true } },
    },
    edgeFunction: {},
    analyticsNextEnabled: true,
    middlewareSettings: {},
    enabledMiddleware: {},
    metrics: { sampleRate: 0, host: `${host}/v1` },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  };
}
