// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/quantity_edit.h"

#include "app/client/quantities.h"
#include "app/gui/form_parts.h"

#include <QCoreApplication>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QVBoxLayout>

namespace weir::gui {

namespace {

struct QuantityWords {
    Q_DECLARE_TR_FUNCTIONS(weir::gui::QuantityWords)
};

client::Understood<quint64> parse(Quantity::Kind kind, const QString &typed)
{
    switch (kind) {
    case Quantity::Kind::Rate:
        return client::parseRate(typed);
    case Quantity::Kind::Size:
        return client::parseSize(typed);
    case Quantity::Kind::Duration:
        return client::parseDuration(typed);
    }
    Q_UNREACHABLE();
}

QString example(Quantity::Kind kind)
{
    switch (kind) {
    case Quantity::Kind::Rate:
        return QuantityWords::tr("such as 20 Mbit/s or 2.5 MB/s");
    case Quantity::Kind::Size:
        return QuantityWords::tr("such as 100 GB or 1.5 TB");
    case Quantity::Kind::Duration:
        return QuantityWords::tr("such as 15 min or 1 h 30 min");
    }
    Q_UNREACHABLE();
}

/// What is wrong with a text that is no quantity.
QString notUnderstood(Quantity::Kind kind, const QString &typed)
{
    static const QRegularExpression bare(QStringLiteral("^[0-9]+([.,][0-9]+)?$"));
    if (typed.isEmpty())
        return QuantityWords::tr("Type a number with its unit, %1.").arg(example(kind));
    if (bare.match(typed).hasMatch())
        return QuantityWords::tr("“%1” has no unit: write it %2.").arg(typed, example(kind));
    return QuantityWords::tr("“%1” is not understood: write a number with its unit, %2.")
        .arg(typed, example(kind));
}

QString outOfRange(const Quantity &quantity)
{
    if (quantity.kind == Quantity::Kind::Size)
        return quantity.least == 0 ? QuantityWords::tr("At most 1000 PB.")
                                   : QuantityWords::tr("At least 1 byte and at most 9 EB.");
    return QuantityWords::tr("It must be %1 to %2.")
        .arg(quantityText(quantity.kind, quantity.least), quantityText(quantity.kind, quantity.most));
}

} // namespace

QString quantityText(Quantity::Kind kind, std::optional<quint64> value)
{
    if (!value)
        return {};
    switch (kind) {
    case Quantity::Kind::Rate:
        return client::rateText(*value);
    case Quantity::Kind::Size:
        return client::sizeText(*value);
    case Quantity::Kind::Duration:
        return client::durationText(*value);
    }
    Q_UNREACHABLE();
}

Reading read(const Quantity &quantity, const QString &text)
{
    const QString typed = text.trimmed();
    if (quantity.optional
        && (typed.isEmpty() || typed.compare(QLatin1String("none"), Qt::CaseInsensitive) == 0
            || typed == QLatin1String("—")
            || typed == QuantityWords::tr("none", "no limit, as one types it")))
        return {true, std::nullopt, QuantityWords::tr("No limit in this direction")};
    const auto value = parse(quantity.kind, typed);
    if (!value)
        return {false, std::nullopt, notUnderstood(quantity.kind, typed)};
    if (*value < quantity.least || *value > quantity.most)
        return {false, std::nullopt, outOfRange(quantity)};
    return {true, *value, QStringLiteral("= ") + quantityText(quantity.kind, *value)};
}

QuantityEdit::QuantityEdit(const Quantity &quantity, const QString &name, const QString &example,
                           QWidget *parent)
    : QWidget(parent), m_quantity(quantity), m_line(new QLineEdit), m_hint(hintLabel())
{
    m_line->setAccessibleName(name);
    m_line->setPlaceholderText(example);
    m_line->setMaxLength(64);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(m_line);
    layout->addWidget(m_hint);
    layout->addStretch();
    setFocusProxy(m_line);
    connect(m_line, &QLineEdit::textChanged, this, [this] {
        showReading();
        Q_EMIT changed();
    });
    showReading();
}

void QuantityEdit::setValue(std::optional<quint64> value)
{
    m_line->setText(quantityText(m_quantity.kind, value));
}

void QuantityEdit::setWarning(const QString &warning)
{
    if (m_warning == warning)
        return;
    m_warning = warning;
    showReading();
}

void QuantityEdit::showReading()
{
    m_reading = read(m_quantity, m_line->text());
    // Nothing was typed yet: that is no mistake to shout about.
    const bool wrong = !m_reading.fits && !m_line->text().trimmed().isEmpty();
    const bool warned = m_reading.fits && m_reading.value && !m_warning.isEmpty();
    setHint(m_hint, warned ? QStringLiteral("%1 · %2").arg(m_reading.told, m_warning) : m_reading.told,
            wrong        ? Tone::Error
                : warned ? Tone::Warning
                         : Tone::Plain);
    m_line->setAccessibleDescription(m_hint->text());
}

} // namespace weir::gui
