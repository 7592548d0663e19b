-- One database a service, made when PostgreSQL starts with an empty volume.
CREATE DATABASE catalog;
CREATE DATABASE metering;
CREATE DATABASE search;
CREATE DATABASE gateway;
CREATE DATABASE keycloak;
