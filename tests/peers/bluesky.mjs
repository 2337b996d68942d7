// The real Bluesky: a PDS and the PLC directory it writes to, both on loopback, on ports the system picks.
// Usage: node bluesky.mjs DATA_FOLDER [PDS_PORT]. Prints one line of JSON when it answers; ends on SIGTERM.
// PLC_ONLY=1 runs the directory alone, PLC_URL=… a PDS that uses one (so that a PDS can be killed and come back:
// the directory keeps what it knows in memory). RATE_LIMITS=1 switches the PDS's own rate limits on.
import crypto from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'

// Both servers listen on every interface and take no host: keep them on loopback.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  const [first, second] = args
  if (typeof first === 'number' && typeof second !== 'string') args.splice(1, 0, '127.0.0.1')
  else if (first && typeof first === 'object' && first.port !== undefined && !first.host) first.host = '127.0.0.1'
  return listen.apply(this, args)
}

const freePort = () => new Promise((found, failed) => {
  const probe = net.createServer()
  probe.once('error', failed)
  probe.listen(0, () => { const { port } = probe.address(); probe.close(() => found(port)) })
})

const ready = (addresses) => console.log(JSON.stringify(addresses))
const running = []
const stop = async () => {
  for (const server of running.reverse()) await server.destroy()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

let plcUrl = process.env.PLC_URL
if (!plcUrl) {
  const { PlcServer, Database } = await import('@did-plc/server')
  const port = await freePort()
  const plc = PlcServer.create({ db: Database.mock(), port })
  await plc.start()
  running.push(plc)
  plcUrl = `http://localhost:${port}`
}
if (process.env.PLC_ONLY) {
  ready({ plc: plcUrl })
  await new Promise(() => {})
}

const folder = path.resolve(process.argv[2])
const port = Number(process.argv[3]) || await freePort()
fs.mkdirSync(path.join(folder, 'blobs'), { recursive: true })
const keyFile = path.join(folder, 'rotation-key')
if (!fs.existsSync(keyFile)) fs.writeFileSync(keyFile, crypto.randomBytes(32).toString('hex'), { mode: 0o600 })
const { PDS, envToCfg, envToSecrets } = await import('@atproto/pds')
const settings = {
  devMode: true,
  port,
  hostname: 'localhost',
  serviceName: 'Loopback PDS',
  serviceHandleDomains: ['.test'],
  dataDirectory: folder,
  blobstoreDiskLocation: path.join(folder, 'blobs'),
  adminPassword: 'admin-on-loopback',
  jwtSecret: 'jwt-secret-for-loopback-tests-only',
  plcRotationKeyK256PrivateKeyHex: fs.readFileSync(keyFile, 'utf8'),
  didPlcUrl: plcUrl,
  bskyAppViewUrl: 'https://appview.invalid',
  bskyAppViewDid: 'did:example:invalid',
  bskyAppViewCdnUrlPattern: 'http://cdn.invalid/%s/%s/%s',
  modServiceUrl: 'https://mod.invalid',
  modServiceDid: 'did:example:invalid',
  inviteRequired: false,
  disableSsrfProtection: true,
  rateLimitsEnabled: process.env.RATE_LIMITS === '1',
}
const pds = await PDS.create(envToCfg(settings), envToSecrets(settings))
await pds.start()
running.push(pds)
ready({ pds: `http://localhost:${port}`, plc: plcUrl })
