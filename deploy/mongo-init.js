// Starts the replica set of compose.yaml and makes its users. Run on mongo1 itself; safe to run again.
const admin = db.getSiblingDB("admin");
const adminPassword = process.env.MONGO_ADMIN_PASSWORD;
const servicePassword = process.env.MONGO_OPENGATE_PASSWORD;

function signedIn() {
  try {
    return admin.auth("admin", adminPassword).ok === 1;
  } catch {
    return false; // no such user yet
  }
}

if (!signedIn()) {
  try {
    rs.initiate({
      _id: "opengate",
      members: [
        { _id: 0, host: "mongo1:27017", priority: 2 },
        { _id: 1, host: "mongo2:27017" },
        { _id: 2, host: "mongo3:27017" },
      ],
    });
  } catch (e) {
    if (e.codeName !== "AlreadyInitialized") throw e;
  }
  // Users can be made on the primary alone; with its higher priority this member becomes it.
  for (let waited = 0; !db.hello().isWritablePrimary; waited++) {
    if (waited === 120) throw new Error("mongo1 did not become primary within a minute: see the logs of mongo1, mongo2 and mongo3");
    sleep(500);
  }
  admin.createUser({ user: "admin", pwd: adminPassword, roles: ["root"] });
  admin.auth("admin", adminPassword);
}

const service = db.getSiblingDB("opengate");
if (!service.getUser("opengate")) {
  service.createUser({ user: "opengate", pwd: servicePassword, roles: [{ role: "readWrite", db: "opengate" }] });
}
print("replica set and users are there");
