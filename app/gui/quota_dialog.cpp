// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/quota_dialog.h"

#include "app/gui/form_parts.h"
#include "app/gui/live_data.h"
#include "app/gui/policy_actions.h"
#include "app/gui/policy_sentences.h"
#include "app/gui/port_edit.h"
#include "app/gui/quantity_edit.h"
#include "app/gui/quota_bar.h"
#include "app/gui/texts.h"
#include "dbus/port_list.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QRegularExpression>

#include <algorithm>

namespace weir::gui {

namespace {

constexpr int kNotify = 0;
constexpr int kThrottle = 1;
constexpr int kBlock = 2;
constexpr const char *kOverflows[] = {"notify", "throttle", "block"};
constexpr qsizetype kMaxAlerts = 10;
constexpr int kMaxAlertPercent = 1000;
constexpr quint64 kMostUsed = 1'000'000'000'000'000'000;

QWidget *inRow(std::initializer_list<QWidget *> widgets, QWidget *stretched = nullptr)
{
    auto *row = new QWidget;
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    for (QWidget *widget : widgets)
        layout->addWidget(widget, widget == stretched ? 1 : 0);
    if (!stretched)
        layout->addStretch();
    return row;
}

QWidget *indented(std::initializer_list<QWidget *> widgets)
{
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(23, 0, 0, 2);
    layout->setSpacing(6);
    for (QWidget *widget : widgets)
        layout->addWidget(widget);
    return box;
}

/// What a byte counts, as it is sent; empty when that is no factor.
QString factorOf(const QString &typed)
{
    static const QRegularExpression form(QStringLiteral("^[0-9]{1,3}([.,][0-9]{1,3})?$"));
    QString text = typed.trimmed();
    if (!form.match(text).hasMatch())
        return {};
    text.replace(QLatin1Char(','), QLatin1Char('.'));
    const double factor = text.toDouble();
    return factor >= 0.01 && factor <= 100 ? text : QString();
}

/// Percents, ascending, each once; none when a piece is no percent.
std::optional<QList<int>> percentsOf(const QString &typed)
{
    static const QRegularExpression gap(QStringLiteral("[,;%\\s]+"));
    QList<int> percents;
    for (const QString &piece : typed.split(gap, Qt::SkipEmptyParts)) {
        bool number = false;
        const int percent = piece.toInt(&number);
        if (!number || percent < 1 || percent > kMaxAlertPercent)
            return std::nullopt;
        if (!percents.contains(percent))
            percents.append(percent);
    }
    std::sort(percents.begin(), percents.end());
    return percents.size() <= kMaxAlerts ? std::optional(percents) : std::nullopt;
}

QString alertsText(const QList<int> &percents)
{
    QStringList pieces;
    for (const int percent : percents)
        pieces << QString::number(percent);
    return pieces.join(QLatin1Char(','));
}

void choose(QComboBox *box, const QString &data, const char *otherwise)
{
    box->setCurrentIndex(box->findData(data.isEmpty() ? QLatin1String(otherwise) : data));
}

} // namespace

QuotaDialog::QuotaDialog(LiveData &live, PolicyActions &actions, const dbus::WatchRow &watch, QWidget *parent)
    : PolicyDialog(client::Policy::Quota, live, actions, watch, parent)
{
    setWindowTitle(tr("Quota of “%1”").arg(watch.name));
    QGridLayout *form = nullptr;
    auto *body = fieldsWidget(form);
    buildCounting(form);
    buildOverflow(form);
    auto *standing = buildStanding();
    addField(form, tr("Stands at"), standing, m_bar);
    buildProvider(form);
    finish(body);
    m_size->setFocus();
}

void QuotaDialog::buildCounting(QGridLayout *form)
{
    m_size =
        new QuantityEdit({Quantity::Kind::Size, 1, kMaxQuotaBytes}, tr("Size"), tr("For example: 100 GB"));
    m_billing = new QComboBox;
    m_billing->setAccessibleName(tr("Directions that count"));
    m_billing->addItem(tr("In and out together"), QStringLiteral("sum"));
    m_billing->addItem(tr("In only"), QStringLiteral("in"));
    m_billing->addItem(tr("Out only"), QStringLiteral("out"));
    m_billing->addItem(tr("The larger of in and out"), QStringLiteral("max"));
    m_scope = new QComboBox;
    m_scope->setAccessibleName(tr("Traffic that counts"));
    m_scope->addItem(tr("All traffic"), QStringLiteral("all"));
    m_scope->addItem(tr("Internet only"), QStringLiteral("internet"));
    m_resetDay = new QComboBox;
    m_resetDay->setAccessibleName(tr("Reset day"));
    for (int day = 1; day <= 31; ++day)
        m_resetDay->addItem(tr("Day %1 of the month").arg(day), QString::number(day));
    m_resetDay->addItem(tr("Last day of the month"), QStringLiteral("last"));
    m_resetDay->setToolTip(
        tr("At midnight on this machine's clocks; in months without that day, on their last "
           "day."));
    m_factor = new QLineEdit;
    m_factor->setAccessibleName(tr("Factor"));
    m_factor->setMaximumWidth(70);
    m_factor->setToolTip(tr("What a byte counts: 1 as a rule, 0.01 to 100."));
    m_alerts = new QLineEdit;
    m_alerts->setAccessibleName(tr("Alerts"));
    m_alerts->setPlaceholderText(tr("never"));
    m_alerts->setToolTip(tr("Percents of the quota, separated by commas"));
    m_countingHint = hintLabel();
    addField(form, tr("Size"), m_size, m_size->line());
    addField(form, tr("Counts"), inRow({m_billing, m_scope}), m_billing);
    addField(form, tr("Resets on"), inRow({m_resetDay}), m_resetDay);
    auto *factors =
        inRow({m_factor, new QLabel(tr("Tell at")), m_alerts, new QLabel(QStringLiteral("%"))}, m_alerts);
    addField(form, tr("Factor"), withHint(factors, m_countingHint), m_factor);
    connect(m_size, &QuantityEdit::changed, this, &QuotaDialog::check);
    for (QComboBox *box : {m_billing, m_scope, m_resetDay})
        connect(box, &QComboBox::currentIndexChanged, this, &QuotaDialog::check);
    for (QLineEdit *line : {m_factor, m_alerts})
        connect(line, &QLineEdit::textChanged, this, &QuotaDialog::check);
}

void QuotaDialog::buildOverflow(QGridLayout *form)
{
    m_overflow = new QButtonGroup(this);
    const QString names[] = {tr("Only tell"), tr("Throttle"), tr("Block")};
    QWidget *buttons[3];
    for (int id = kNotify; id <= kBlock; ++id) {
        auto *button = new QRadioButton(names[id]);
        m_overflow->addButton(button, id);
        buttons[id] = button;
    }
    m_throttle = new QuantityEdit({}, tr("Throttle to"), tr("For example: 1 Mbit/s"));
    m_slow = indented({m_throttle});
    m_exemptLocal = new QCheckBox(tr("Local traffic"));
    m_exemptSsh = new QCheckBox(tr("SSH, port 22"));
    m_exemptPorts = new PortEdit;
    m_exemptPorts->setAccessibleName(tr("Other ports that are let through"));
    m_exemptPorts->setPlaceholderText(tr("Other ports: 8000, 9000-9100"));
    m_exemptHint = hintLabel();
    m_cuts = hintLabel();
    m_block = indented({inRow({new QLabel(tr("Let through:")), m_exemptLocal, m_exemptSsh}),
                        withHint(m_exemptPorts, m_exemptHint), m_cuts});
    auto *choices = new QWidget;
    auto *layout = new QVBoxLayout(choices);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(inRow({buttons[kNotify], buttons[kThrottle], buttons[kBlock]}));
    layout->addWidget(m_slow);
    layout->addWidget(m_block);
    addField(form, tr("At its end"), choices, buttons[kNotify]);
    connect(m_overflow, &QButtonGroup::idToggled, this, &QuotaDialog::check);
    connect(m_throttle, &QuantityEdit::changed, this, &QuotaDialog::check);
    for (QCheckBox *box : {m_exemptLocal, m_exemptSsh})
        connect(box, &QCheckBox::toggled, this, &QuotaDialog::check);
    connect(m_exemptPorts, &QLineEdit::textChanged, this, &QuotaDialog::check);
}

QWidget *QuotaDialog::buildStanding()
{
    m_bar = new QuotaBar;
    m_standing = hintLabel();
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_bar);
    layout->addWidget(m_standing);
    return box;
}

void QuotaDialog::buildProvider(QGridLayout *form)
{
    m_says = new QuantityEdit({Quantity::Kind::Size, 0, kMostUsed}, tr("My provider says"),
                              tr("For example: 41.2 GB"));
    m_correct = new QPushButton(tr("Correct it"));
    m_correct->setToolTip(tr("Counts this much as used in this period, at once; the next period is not "
                             "touched."));
    m_uncorrect = new QPushButton(tr("Take the correction back"));
    m_begin = new QPushButton(tr("Begin the period now"));
    m_begin->setToolTip(tr("Counts from zero, at once; the next period begins on the reset day as ever."));
    m_unbegin = new QPushButton(tr("Take the beginning back"));
    auto *says = inRow({m_says, m_correct, m_uncorrect}, m_says);
    for (QPushButton *button : {m_correct, m_uncorrect})
        says->layout()->setAlignment(button, Qt::AlignTop);
    auto *saysLabel = addField(form, tr("My provider says"), says, m_says->line());
    auto *period = inRow({m_begin, m_unbegin});
    m_ofExisting = {saysLabel, says, addField(form, tr("Period"), period, m_begin), period};
    connect(m_says, &QuantityEdit::changed, this, &QuotaDialog::arrange);
    connect(m_correct, &QPushButton::clicked, this, &QuotaDialog::calibrate);
    connect(m_begin, &QPushButton::clicked, this, &QuotaDialog::beginPeriod);
    const auto after = [this](const client::Answer<uint> &answer) { afterChange(answer); };
    connect(m_uncorrect, &QPushButton::clicked, this, [this, after] {
        setBusy(true);
        actions().undoCalibrate(watch(), this, after);
    });
    connect(m_unbegin, &QPushButton::clicked, this, [this, after] {
        setBusy(true);
        actions().undoBeginPeriod(watch(), this, after);
    });
}

bool QuotaDialog::isSet() const
{
    return watch().quota.set;
}

void QuotaDialog::load()
{
    const dbus::QuotaState &quota = watch().quota;
    const auto some = [](qulonglong value) { return value ? std::optional<quint64>(value) : std::nullopt; };
    setEnabledWanted(!quota.set || quota.enabled);
    m_size->setValue(some(quota.sizeBytes));
    choose(m_billing, quota.billing, "sum");
    choose(m_scope, quota.scope, "all");
    choose(m_resetDay, quota.resetDay, "1");
    m_factor->setText(quota.set ? quota.factor : QStringLiteral("1"));
    m_alerts->setText(quota.set ? quota.alerts : QStringLiteral("30,50,80,100"));
    m_throttle->setValue(some(quota.throttleBitsPerSecond));
    const int overflow = quota.overflow == QLatin1String("block") ? kBlock
        : quota.overflow == QLatin1String("throttle")             ? kThrottle
                                                                  : kNotify;
    // Nobody shall lock himself out: what keeps the way in open is proposed.
    loadExempt(overflow == kBlock ? quota.exempt : QStringLiteral("local,22"));
    m_overflow->button(overflow)->setChecked(true);
}

void QuotaDialog::loadExempt(const QString &exempt)
{
    QStringList pieces = exempt.split(QLatin1Char(','), Qt::SkipEmptyParts);
    m_exemptLocal->setChecked(pieces.removeAll(QStringLiteral("local")) > 0);
    m_exemptSsh->setChecked(pieces.removeAll(QStringLiteral("22")) > 0);
    m_exemptPorts->setText(pieces.join(QStringLiteral(", ")));
}

QString QuotaDialog::exempt() const
{
    QStringList pieces;
    if (m_exemptLocal->isChecked())
        pieces << QStringLiteral("local");
    QString ports = m_exemptPorts->text();
    if (m_exemptSsh->isChecked())
        ports.prepend(QStringLiteral("22,"));
    if (const auto ranges = dbus::parsePortList(ports))
        pieces << dbus::formatPortList(*ranges);
    return pieces.join(QLatin1Char(','));
}

dbus::QuotaState QuotaDialog::wanted() const
{
    dbus::QuotaState quota;
    quota.set = true;
    quota.enabled = enabledWanted();
    quota.sizeBytes = m_size->value().value_or(0);
    quota.resetDay = m_resetDay->currentData().toString();
    quota.billing = m_billing->currentData().toString();
    quota.scope = m_scope->currentData().toString();
    quota.factor = factorOf(m_factor->text());
    quota.alerts = alertsText(percentsOf(m_alerts->text()).value_or(QList<int>()));
    quota.overflow = QLatin1String(kOverflows[m_overflow->checkedId()]);
    if (m_overflow->checkedId() == kThrottle)
        quota.throttleBitsPerSecond = m_throttle->value().value_or(0);
    if (m_overflow->checkedId() == kBlock)
        quota.exempt = exempt();
    return quota;
}

QVariantMap QuotaDialog::fields() const
{
    return client::fieldsOf(wanted());
}

QString QuotaDialog::wrongExempt() const
{
    if (m_exemptPorts->text().trimmed().isEmpty())
        return {};
    const auto ranges = dbus::parsePortList(m_exemptPorts->text());
    return ranges ? QString() : text::portListError(ranges.error());
}

QString QuotaDialog::wrongAlerts() const
{
    if (factorOf(m_factor->text()).isEmpty())
        return tr("The factor must be a number from 0.01 to 100.");
    if (!percentsOf(m_alerts->text()))
        return tr("Alerts are at most %1 percents from 1 to %2.").arg(kMaxAlerts).arg(kMaxAlertPercent);
    return {};
}

QString QuotaDialog::wrong() const
{
    if (!m_size->fits())
        return tr("Size: %1").arg(m_size->wrong());
    if (const QString alerts = wrongAlerts(); !alerts.isEmpty())
        return alerts;
    if (m_overflow->checkedId() == kThrottle && !m_throttle->fits())
        return tr("Throttle: %1").arg(m_throttle->wrong());
    if (m_overflow->checkedId() == kBlock)
        return wrongExempt();
    return {};
}

QString QuotaDialog::describe() const
{
    return text::quotaSentence(watch().name, wanted());
}

void QuotaDialog::arrange()
{
    m_slow->setVisible(m_overflow->checkedId() == kThrottle);
    m_block->setVisible(m_overflow->checkedId() == kBlock);
    const quint64 speed = text::lineSpeed(live().links(), watch());
    m_throttle->setWarning(speed != 0 && m_throttle->value().value_or(0) > speed
                               ? text::tooFast(live().links(), watch())
                               : QString());
    setHint(m_countingHint, wrongAlerts(), Tone::Error);
    m_countingHint->setVisible(!wrongAlerts().isEmpty());
    setHint(m_exemptHint, wrongExempt(), Tone::Error);
    m_exemptHint->setVisible(!wrongExempt().isEmpty());
    setHint(m_cuts, text::blockNote(m_preview, watch().connections), Tone::Warning);

    const dbus::QuotaState &quota = watch().quota;
    for (QWidget *part : std::as_const(m_ofExisting))
        part->setVisible(quota.set);
    m_correct->setEnabled(m_says->fits() && !busy());
    m_uncorrect->setVisible(quota.calibrated);
    m_unbegin->setVisible(quota.begunByHand);
    for (QPushButton *button : {m_uncorrect, m_begin, m_unbegin})
        button->setEnabled(!busy());
}

void QuotaDialog::askPreview()
{
    const uint asked = ++m_asked;
    limits().previewQuota(
        watch().name, fields(), this, [this, asked](const client::Answer<dbus::QuotaState> &answer) {
            if (asked != m_asked)
                return;
            if (answer)
                return showPreview(*answer);
            clearPreview();
            setHint(m_standing, tr("No preview: %1").arg(text::callError(answer.error())), Tone::Warning);
        });
}

void QuotaDialog::showPreview(const dbus::QuotaState &quota)
{
    m_preview = quota;
    m_bar->setQuota(quota);
    setHint(m_standing, text::quotaPreview(quota), Tone::Plain);
    setHint(m_cuts, text::blockNote(m_preview, watch().connections), Tone::Warning);
}

void QuotaDialog::clearPreview()
{
    ++m_asked; // an answer that is under way is of other values
    m_preview = {};
    m_bar->setQuota({});
    setHint(m_standing, QString(), Tone::Plain);
}

QString QuotaDialog::previewText() const
{
    return m_standing->text();
}

void QuotaDialog::calibrate()
{
    setBusy(true);
    actions().calibrate(watch(), m_says->value().value_or(0), this,
                        [this](const client::Answer<uint> &answer) { afterChange(answer); });
}

void QuotaDialog::beginPeriod()
{
    setBusy(true);
    actions().beginPeriod(watch(), this, [this](const client::Answer<uint> &answer) { afterChange(answer); });
}

} // namespace weir::gui
