# The official OpenSearch with our plugin, built from source and installed by OpenSearch's own tool.
# Build from the repository's root: docker build -f docker/opensearch.Dockerfile .

FROM maven:3.9.9-eclipse-temurin-21 AS plugin
WORKDIR /src
COPY opensearch_plugin/pom.xml opensearch_plugin/pom.xml
COPY opensearch_plugin/src/main opensearch_plugin/src/main
COPY proto proto
RUN --mount=type=cache,target=/root/.m2 \
    mvn --batch-mode --no-transfer-progress -f opensearch_plugin/pom.xml package -DskipTests \
    && cp opensearch_plugin/target/reshelf-*.zip /reshelf.zip

FROM opensearchproject/opensearch:3.8.0
USER opensearch
RUN --mount=type=bind,from=plugin,source=/reshelf.zip,target=/tmp/reshelf.zip \
    /usr/share/opensearch/bin/opensearch-plugin install --batch file:///tmp/reshelf.zip
# Answering over the loopback interface without certificates: for a cluster with the security plugin on,
# give a health check of your own.
HEALTHCHECK --interval=5s --timeout=5s --start-period=90s --retries=12 \
    CMD ["curl", "--fail", "--silent", "http://127.0.0.1:9200/_cluster/health?wait_for_status=yellow&timeout=3s"]
