// A certified strict OAuth 2 server (oidc-provider): refuses a wrong verifier, a replayed code, a replayed refresh
// token. Its own log-in and consent pages take any name. Usage: node oauth.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
import { Provider } from 'oidc-provider'

const [port, clientId, secret, redirectUri] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId,
    client_secret: secret,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post',
    application_type: 'native',
  }],
  pkce: { required: () => true },
  scopes: ['openid', 'offline_access', 'read:accounts', 'read:statuses', 'write:media', 'write:statuses'],
  issueRefreshToken: async () => true,
  rotateRefreshToken: () => true,
  features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  cookies: { keys: ['loopback-only'] },
})
provider.listen(Number(port), '127.0.0.1', () => console.log(JSON.stringify({ url: issuer })))
