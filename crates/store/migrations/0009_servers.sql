-- What one server needs that others do not: authorities to trust beside those that are trusted for all, and how requests to
-- it go. The address is `host:port`.

CREATE TABLE server_authority (
    address TEXT NOT NULL,
    fingerprint TEXT NOT NULL,      -- SHA-256, as AB:CD:…
    pem TEXT NOT NULL,              -- one certificate
    created_at BIGINT NOT NULL,
    PRIMARY KEY (address, fingerprint)
) /*sqlite: WITHOUT ROWID*/;

CREATE TABLE server_proxy (
    address TEXT NOT NULL,
    route TEXT NOT NULL,            -- direct | through
    url_sealed TEXT,                -- of the proxy; it may hold a password
    created_at BIGINT NOT NULL,
    PRIMARY KEY (address)
) /*sqlite: WITHOUT ROWID*/;
