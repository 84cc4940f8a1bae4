-- People and tokens that may ask, and what they did.
CREATE TABLE people (
    person_id INTEGER PRIMARY KEY,     -- 1, 2, 3, …; never given twice
    email VARCHAR NOT NULL,            -- lower case; of one person only
    name VARCHAR NOT NULL,
    role VARCHAR NOT NULL,             -- admin, marketer, analyst, support, read-only
    language VARCHAR NOT NULL,         -- en, pl, th
    theme VARCHAR NOT NULL,            -- auto, light, dark
    active BOOLEAN NOT NULL,
    password_hash VARCHAR,             -- argon2id; NULL: none was chosen yet
    invitation_hash VARCHAR,           -- SHA-256 of a code for one use
    invited_until TIMESTAMP,
    oidc_subject VARCHAR,              -- whom the provider says this is; NULL: never came that way
    created_at TIMESTAMP NOT NULL,
    signed_in_at TIMESTAMP             -- the last time
);

CREATE TABLE sessions (
    hash VARCHAR PRIMARY KEY,          -- SHA-256 of the 256-bit random value in the cookie
    person_id INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL         -- to within some minutes
);

ALTER TABLE tokens ADD COLUMN made_by VARCHAR;         -- NULL: made with the workspace
ALTER TABLE tokens ADD COLUMN expires_at TIMESTAMP;    -- NULL: never
ALTER TABLE tokens ADD COLUMN used_at TIMESTAMP;       -- to within an hour
ALTER TABLE tokens ADD COLUMN revoked_at TIMESTAMP;

CREATE TABLE audit (
    audit_id BIGINT NOT NULL,          -- 1, 2, 3, …
    recorded_at TIMESTAMP NOT NULL,
    actor_kind VARCHAR,                -- person, token; NULL: nobody known
    actor VARCHAR,                     -- e-mail address or token's name, as it was then
    action VARCHAR NOT NULL,           -- 'PUT /segments/{name}', 'sign-in failed', …
    named VARCHAR NOT NULL,            -- JSON object: what it named; never a customer's data
    status INTEGER,                    -- of the answer
    address VARCHAR                    -- where it came from
);
