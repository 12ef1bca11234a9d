# The page and both engines in one image; also what a Hugging Face Space builds.
#   docker build -t vita . && docker run -p 7860:7860 vita
#   docker build --build-arg BACKEND=gpu -t vita . && docker run --gpus all -p 7860:7860 vita --model VITA-MLLM/VITA-1.5
FROM python:3.11-slim

ARG BACKEND=cpu
ENV BACKEND=${BACKEND} HOST=0.0.0.0 PORT=7860 PYTHONUNBUFFERED=1

COPY setup.sh apt-packages.txt /setup/
RUN /setup/setup.sh --packages \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 vita
USER vita
RUN mkdir /home/vita/app  # WORKDIR alone would make it root's
WORKDIR /home/vita/app

# The set-up first, so that a change of the code does not repeat it.
COPY --chown=vita requirements*.txt apt-packages.txt setup.sh pyproject.toml README.md ./
COPY --chown=vita vita/__init__.py vita/__init__.py
COPY --chown=vita evals/__init__.py evals/__init__.py
COPY --chown=vita demos/__init__.py demos/__init__.py
COPY --chown=vita recipes/__init__.py recipes/__init__.py
RUN ./setup.sh

COPY --chown=vita . .
RUN ./setup.sh && .venv/bin/python -m vita.nano build

EXPOSE 7860
ENTRYPOINT [".venv/bin/python", "app.py"]
